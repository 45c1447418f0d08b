fn main() {
    let mut bad = 0;
    for file in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&file).unwrap();
        if let Err(mistakes) = wirewalk::packetdrill::Script::parse(&file, &text) {
            bad += 1;
            for m in mistakes.iter().take(2) {
                println!("{}", m.render(wirewalk::lang::Lang::En, false));
            }
        }
    }
    println!("{bad} bad");
}
