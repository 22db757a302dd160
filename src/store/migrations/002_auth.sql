-- Sign-in: passwords, sessions and one-time passwords are better-auth's (its generator wrote these tables, with its column
-- names); machine keys and wrong attempts are ours. Times here are real ones, whatever clock the program runs by.
create schema if not exists auth;

create table auth."user" (
  id text primary key,
  name text not null,
  email text not null unique, "emailVerified" boolean not null,
  image text,
  "createdAt" timestamptz not null default current_timestamp, "updatedAt" timestamptz not null default current_timestamp,
  username text unique, "displayUsername" text,
  "twoFactorEnabled" boolean
);
create table auth.session (
  id text primary key,
  "expiresAt" timestamptz not null,
  token text not null unique,
  "createdAt" timestamptz not null default current_timestamp, "updatedAt" timestamptz not null,
  "ipAddress" text, "userAgent" text,
  "userId" text not null references auth."user" on delete cascade
);
create index session_of_user on auth.session ("userId");
create index session_expires on auth.session ("expiresAt");
create table auth.account (
  id text primary key,
  "accountId" text not null, "providerId" text not null,
  "userId" text not null references auth."user" on delete cascade,
  "accessToken" text, "refreshToken" text, "idToken" text,
  "accessTokenExpiresAt" timestamptz, "refreshTokenExpiresAt" timestamptz,
  scope text,
  password text,
  "createdAt" timestamptz not null default current_timestamp, "updatedAt" timestamptz not null,
  unique ("providerId", "accountId")
);
create index account_user on auth.account ("userId");
create table auth.verification (
  id text primary key,
  identifier text not null, value text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default current_timestamp, "updatedAt" timestamptz not null default current_timestamp
);
create index verification_identifier on auth.verification (identifier);
create table auth."twoFactor" (
  id text primary key,
  secret text not null, "backupCodes" text not null,
  "userId" text not null references auth."user" on delete cascade,
  verified boolean, "failedVerificationCount" integer, "lockedUntil" timestamptz
);
create index two_factor_secret on auth."twoFactor" (secret);
create index two_factor_user on auth."twoFactor" ("userId");

-- Wrong sign-ins, whether or not the login exists; the login itself is kept as a digest only.
create table auth.failure (
  login bytea primary key check (length(login) = 32),
  count integer not null check (count > 0),
  last_at timestamptz not null,
  locked_until timestamptz
);
create index failure_last_at on auth.failure (last_at);

grant usage on schema auth to tingqi_app;
grant select, insert, update, delete on all tables in schema auth to tingqi_app;

alter table account add foreign key (auth_user) references auth."user";
alter table api_key
  add column id uuid not null default gen_random_uuid() unique,
  add column name text not null default '' check (length(name) <= 100);
create index api_key_account on api_key (account, created_at);
