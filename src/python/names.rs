//! What the files are called: after the host and the process, never as a module of Python's own library.

use crate::scenario::Plan;

/// Modules that come with Python (3.8 to 3.13): a file of such a name would stand in for them.
const LIBRARY: &str = include_str!("stdlib.txt");

/// The name of each process's file, without its ending, in the order of the plan.
pub fn names(plan: &Plan) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for process in &plan.processes {
        let host = plan.hosts.get(process.host.index()).map_or("", |host| host.name.as_str());
        let sole = plan.processes.iter().filter(|other| other.host == process.host).count() == 1;
        let plain = |text: &str| text.replace('-', "_");
        let machine = plan.hosts.iter().filter(|host| host.has_stack()).count() == 1;
        let mut name = match () {
            () if sole || process.name == host => plain(host),
            () if machine => plain(&process.name),
            () => format!("{}_{}", plain(host), plain(&process.name)),
        };
        if name == "meeting" || LIBRARY.lines().any(|module| module == name) {
            name.push_str("_program");
        }
        let base = name.clone();
        let mut number = 2;
        while found.contains(&name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        found.push(name);
    }
    found
}
