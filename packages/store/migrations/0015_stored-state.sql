-- What an AI provider stores for a grant. An identifier that is not here for a grant does not exist for it, whoever else
-- uses the same provider key.
create table stored_objects (
  grant_id text not null,
  upstream text not null,
  id text not null,
  kind text not null,
  -- of an item: the response or the conversation that it is in
  parent_id text,
  -- what a response or a conversation counts as input of a later turn, at most
  tokens bigint not null,
  -- of a response whose usage is known: the part that it wrote
  output_tokens bigint,
  -- of a conversation: the request that adds to it; counts while that request has its reservation
  open_request uuid,
  expires_at timestamptz not null,
  constraint stored_objects_pkey primary key (grant_id, upstream, id),
  constraint stored_objects_kind check (kind in ('response', 'output_item', 'input_item', 'conversation'))
);
-- for: removing expired rows
create index stored_objects_expires_at on stored_objects (expires_at);
-- for: removing the items of a response that is deleted
create index stored_objects_parent on stored_objects (grant_id, upstream, parent_id) where parent_id is not null;

-- The responses that go on at the provider without a connection, until their cost is known. The reservation of each
-- belongs to the replica `background`, which never ends.
create table background_responses (
  request_id uuid primary key,
  grant_id text not null,
  account_id text not null,
  upstream text not null,
  response_id text not null,
  -- what the request can use at most; its price is that of its model at the time of its admission
  quote jsonb not null,
  created_at timestamptz not null default now(),
  -- when the provider is asked next
  check_at timestamptz not null,
  checks integer not null default 0
);
-- for: what is to be asked for now
create index background_responses_check_at on background_responses (check_at);
-- for: the response that a client asks for
create index background_responses_response on background_responses (grant_id, upstream, response_id);

insert into replicas (id, lease_until) values ('background', 'infinity');
