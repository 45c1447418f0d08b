//! Hosts, links, event queue and scripted processes; one step at a time; pure; the only writer of a simulated trace.
