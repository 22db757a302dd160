-- What is done about what the gates saw: a stop is confirmed by its device or its silence is raised, attempts are listed,
-- and a transaction seen by a gate waits for the file that tells the rest of it.
alter table notice drop constraint notice_kind_check;
alter table notice add constraint notice_kind_check check (kind in {{set:noticeKinds}});

-- By when the device should have said itself that it stopped; and since when people know that it did not.
alter table hold add column device_due_at timestamptz check (device_due_at >= effective_from);
alter table terminal add column device_silent_at timestamptz;

-- Seen by a gate, not yet told by a file: moment, card and settlement are then the file's.
alter table transaction add column observed boolean not null default false;

-- Why it was fenced, in the operator's words.
alter table gate add column fenced_words text check (fenced_words is null or fenced_at is not null);

create index gate_attempt_day on gate_attempt (day desc, tid, class);
create index gate_attempt_provider on gate_attempt (provider, day desc, tid, class);
create index gate_attempt_mid on gate_attempt (mid, day desc, tid, class);
create index gate_attempt_untold on gate_attempt (day, tid) where told_at is null;
create index gate_report_standin on gate_report (at) where kind = 'standin';
create index gate_report_taken on gate_report (taken_at) where taken_at is not null;
