//! Expectations against a trace; two traces compared; differences explained. Draws nothing.
