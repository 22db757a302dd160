-- What a terminal sold when: read by hour and weekday for the best moment to stop, and before, during and after a stop.
create index transaction_at on transaction (tid, at);
