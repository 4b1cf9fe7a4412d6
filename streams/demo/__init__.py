"""The demonstration: months of a simulated fleet through a real Kafka, two workers and a CRM that answers, in simulated time."""
