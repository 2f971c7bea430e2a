//! Models of arrivals.
