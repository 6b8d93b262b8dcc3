// The room's first body; taken out when the next arrives.
