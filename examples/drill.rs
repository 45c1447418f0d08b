use wirewalk::{drill, live, packetdrill};
fn main() {
    if std::env::var("MODEL").is_err() {
        live::enter().unwrap();
    }
    let mut defines = Vec::new();
    let mut line = Vec::new();
    let mut files = Vec::new();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut i = 0;
    while i < args.len() {
        if args[i] == "-D" {
            i += 1;
            let (a, b) = args[i].split_once('=').unwrap();
            defines.push((a.to_owned(), b.to_owned()));
        } else if let Some(o) = args[i].strip_prefix("--") {
            match o.split_once('=') {
                Some((a, b)) => line.push((a.to_owned(), Some(b.to_owned()))),
                None => line.push((o.to_owned(), None)),
            }
        } else {
            files.push(args[i].clone());
        }
        i += 1;
    }
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let script = match packetdrill::Script::parse_with(&file, &text, &defines) {
            Ok(s) => s,
            Err(m) => {
                println!("{file} UNREADABLE {}", m[0]);
                continue;
            }
        };
        let settings = match drill::Settings::of(&script, &line) {
            Ok(s) => s,
            Err(m) => {
                println!("{file} SETTINGS {}", m[0]);
                continue;
            }
        };
        let folder = std::fs::canonicalize(&file).unwrap().parent().unwrap().to_owned();
        let s2 = script.clone();
        let model = std::env::var("MODEL").is_ok();
        let verdict = std::thread::spawn(move || {
            if model {
                let files = Box::new(move |name: &str| std::fs::read_to_string(folder.join(name)).ok());
                let stack = drill::Simulated::new(&settings, &Default::default(), files).unwrap();
                return drill::Exam::new(&s2, settings, stack).run().0;
            }
            let kernel = drill::Kernel::over(
                &settings,
                folder,
                std::env::var("VETH").is_ok().then_some(live::Medium::Veth),
            )
            .unwrap();
            drill::Exam::new(&s2, settings, kernel).run().0
        })
        .join();
        let short = std::path::Path::new(&file).file_name().unwrap().to_string_lossy().into_owned();
        match verdict {
            Ok(drill::Verdict::Pass) => println!("{short} pass"),
            Ok(drill::Verdict::Fail(p)) => {
                println!("{short} FAIL {}", p.diagnostic(&script).line(wirewalk::lang::Lang::En))
            }
            Ok(drill::Verdict::Unsupported(p)) => {
                println!("{short} UNSUPPORTED {}", p.diagnostic(&script).line(wirewalk::lang::Lang::En))
            }
            Err(_) => println!("{short} PANIC"),
        }
    }
}
