//! Graphs for Graphviz: the state diagram with the ways of a run, the hosts and their wire, who waits for whom.

use super::super::Look;
use super::super::calls_text::{call_words, span};
use super::super::ways::Walked;
use crate::clock::Span;
use crate::lang::Lang;
use crate::link::NodeKind;
use crate::scenario::{LinkPlan, Plan, WirePlan};
use crate::tcp::{EDGES, State};
use crate::trace::{Event, Meta, RecordId, Trace};
use petgraph::EdgeType;
use petgraph::dot::{Config, Dot};
use petgraph::graph::Graph;

/// A node or an edge as its attributes: name and value, the value not yet quoted.
type Attributes = Vec<(&'static str, String)>;

/// What stands at an edge or node lit by the first, and by the second end.
const LIT: [(&str, &str); 2] = [("blue", "bold"), ("darkorange3", "bold,dashed")];

/// The TCP state diagram; the ways that `walks` took are lit and numbered.
pub fn states(walks: &[Walked], lang: Lang) -> String {
    let mut graph: Graph<Attributes, Attributes> = Graph::new();
    let mut nodes = Vec::new();
    for state in State::ALL {
        let mut node = vec![("label", state.name().to_owned()), ("shape", "box".to_owned())];
        if walks.iter().any(|walk| walk.states().contains(&state)) {
            node.push(("penwidth", "2.5".to_owned()));
        }
        nodes.push((state, graph.add_node(node)));
    }
    let node = |state: State| nodes.iter().find(|(known, _)| *known == state).map(|(_, node)| *node);
    for edge in EDGES {
        let mut label = format!("{}\n{}", edge.event.label(lang), edge.section);
        let mut lit: Vec<(&str, &str)> = Vec::new();
        for (walk, ink) in walks.iter().zip(LIT) {
            let crossed = walk.steps.iter().zip(1..).filter(|(step, _)| step.crosses(edge));
            let numbers: Vec<String> = crossed.map(|(_, number): (_, usize)| number.to_string()).collect();
            if !numbers.is_empty() {
                label.push_str(&format!("\n{}: {}", walk.who, numbers.join(", ")));
                lit.push(ink);
            }
        }
        let mut attributes = vec![("label", label)];
        if !lit.is_empty() {
            // Of two colours Graphviz draws two lines side by side.
            let colors: Vec<&str> = lit.iter().map(|(color, _)| *color).collect();
            let style = if let [(_, style)] = lit[..] { style } else { "bold" };
            attributes.push(("color", colors.join(":")));
            attributes.extend([("style", style.to_owned()), ("penwidth", "2.5".to_owned())]);
        }
        if let (Some(from), Some(to)) = (node(edge.from), node(edge.to)) {
            graph.add_edge(from, to, attributes);
        }
    }
    text(&graph)
}

/// The hosts and what joins them: the links of the scenario `plan`, or its wire.
pub fn topology(meta: &Meta, plan: Option<&Plan>, lang: Lang) -> String {
    let mut graph = Graph::new_undirected();
    let hosts: Vec<_> = meta
        .hosts
        .iter()
        .map(|host| {
            let actor = lang.pick("no stack of its own", "没有自己的协议栈");
            let note = if host.actor { format!("\n{actor}") } else { String::new() };
            let style = if host.actor { "dashed" } else { "solid" };
            let (label, shape) = match host.kind {
                NodeKind::Host if host.more_addresses.is_empty() => {
                    (format!("{}\n{}\n{}{note}", host.name, host.address, host.mac), "box")
                }
                NodeKind::Host | NodeKind::Router => {
                    let all = host.more_addresses.iter().map(|address| format!("\n{address}"));
                    let all: String = all.collect();
                    let shape = if host.kind == NodeKind::Router { "diamond" } else { "box" };
                    (format!("{}\n{}{all}{note}", host.name, host.address), shape)
                }
                NodeKind::Switch | NodeKind::Hub => {
                    (format!("{}\n{}", host.name, host.kind.word(lang)), "ellipse")
                }
            };
            let shape = shape.to_owned();
            graph.add_node(vec![("label", label), ("shape", shape), ("style", style.to_owned())])
        })
        .collect();
    if let Some(plan) = plan.filter(|plan| !plan.links.is_empty()) {
        for link in &plan.links {
            let [one, other] = link.ends.map(|end| hosts.get(end.node.index()).copied());
            if let (Some(one), Some(other)) = (one, other) {
                graph.add_edge(one, other, vec![("label", link_words(link, lang))]);
            }
        }
        return text(&graph);
    }
    let label = vec![("label", plan.map_or_else(String::new, |plan| wire_words(&plan.wire, lang)))];
    match hosts[..] {
        [one, other] => {
            graph.add_edge(one, other, label);
        }
        _ => {
            let name = lang.pick("switch", "交换机").to_owned();
            let switch = graph.add_node(vec![("label", name), ("shape", "ellipse".to_owned())]);
            for host in hosts {
                graph.add_edge(host, switch, label.clone());
            }
        }
    }
    text(&graph)
}

/// Delay, rate, queue and MTU of the wire.
fn wire_words(wire: &WirePlan, lang: Lang) -> String {
    let mut parts = vec![span(wire.delay).replace('\u{a0}', " ")];
    if let Some(rate) = wire.rate {
        parts.push(lang.pick(format!("{} bit/s", rate * 8), format!("{} 比特/秒", rate * 8)));
        parts.push(lang.pick(format!("queue {}", wire.queue), format!("队列 {}", wire.queue)));
    }
    parts.push(format!("MTU {}", wire.mtu));
    parts.join("\n")
}

/// The same of a link, and what it does to frames by chance.
fn link_words(link: &LinkPlan, lang: Lang) -> String {
    let LinkPlan { delay, rate, queue, red, mtu, .. } = *link;
    let wire = WirePlan { delay, delay_given: true, rate, queue, red, mtu, arp: false };
    let mut words = wire_words(&wire, lang);
    if link.jitter > Span::ZERO {
        let jitter = span(link.jitter).replace('\u{a0}', " ");
        words.push_str(&lang.pick(format!("\njitter {jitter}"), format!("\n抖动 {jitter}")));
    }
    for habit in link.habits() {
        words.push('\n');
        words.push_str(habit.get(lang));
    }
    words
}

/// Who waits for whom at the end of the trace; rings, which nobody can leave, are drawn bold.
pub fn wait_for(trace: &Trace, look: &Look) -> String {
    let lang = look.lang;
    let last = RecordId((trace.records.len() as u32).saturating_sub(1));
    let waits = trace.wait_for(last);
    let mut graph: Graph<Attributes, Attributes> = Graph::new();
    let mut nodes = Vec::new();
    for (at, process) in trace.meta.processes.iter().enumerate() {
        let waiting = waits.waiting.iter().find(|one| one.process.index() == at);
        let mut label = format!("{}\n{}", process.name, trace.host_name(process.host));
        if let Some(one) = waiting {
            let words = match &trace.record(one.call).event {
                Event::CallStarted { call, .. } => call_words(trace, call),
                _ => String::new(),
            };
            label.push_str(&lang.pick(format!("\nwaits in {words}"), format!("\n在 {words} 中等待")));
        }
        let style = if waiting.is_some() { "bold" } else { "dotted" };
        let shape = "box".to_owned();
        nodes.push(graph.add_node(vec![("label", label), ("shape", shape), ("style", style.to_owned())]));
    }
    for one in &waits.waiting {
        for other in &one.on {
            let ring = waits.cycles.iter().any(|ring| ring.contains(&one.process) && ring.contains(other));
            let mut edge = vec![("label", lang.pick("waits for", "等待").to_owned())];
            if ring {
                let words = lang.pick("waits for ever", "永远等待").to_owned();
                edge = vec![("label", words), ("color", "red3".to_owned()), ("style", "bold".to_owned())];
            }
            if let (Some(from), Some(to)) = (nodes.get(one.process.index()), nodes.get(other.index())) {
                graph.add_edge(*from, *to, edge);
            }
        }
    }
    text(&graph)
}

/// The graph in Graphviz's language.
fn text<Ty: EdgeType>(graph: &Graph<Attributes, Attributes, Ty>) -> String {
    let config = [Config::NodeNoLabel, Config::EdgeNoLabel];
    let edge = |_: &_, edge: petgraph::graph::EdgeReference<'_, Attributes>| written(edge.weight());
    let node = |_: &_, (_, attributes): (_, &Attributes)| written(attributes);
    format!("{:?}", Dot::with_attr_getters(graph, &config, &edge, &node))
}

/// `name = "value"` for each, quoted as Graphviz wants it.
fn written(attributes: &Attributes) -> String {
    let one = |(name, value): &(&str, String)| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("{name} = \"{value}\"")
    };
    attributes.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_diagram_has_every_edge() {
        let text = states(&[], Lang::En);
        assert_eq!(text.matches("->").count(), EDGES.len());
        assert!(text.starts_with("digraph"));
    }

    #[test]
    fn quotes_and_backslashes_stay_inside_their_value() {
        let shown = written(&vec![("label", "a\"b\\c\nd".to_owned())]);
        assert_eq!(shown, r#"label = "a\"b\\c\nd""#);
    }
}
