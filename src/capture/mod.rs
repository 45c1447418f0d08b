//! pcap and pcapng: written, read back. Knows no network.
