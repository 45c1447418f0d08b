//! Arguments, commands, exit codes. Knows no protocol.
