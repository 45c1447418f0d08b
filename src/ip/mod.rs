//! Interfaces, routes (petgraph), ARP, ICMP. Knows no TCP.
