-- DPoP proofs (RFC 9449 section 11.1) that a request has brought: no other request may bring the same one. Written by the
-- statement that admits the request, or by the one that reads its grant.
create table used_proofs (
  -- of the key's thumbprint and the proof's `jti`
  proof_hash text collate "C" not null,
  -- a request that waits for its admission asks several times
  request_id uuid not null,
  -- A proof is accepted for two minutes, and a request may take five more to send its body. The rest is for clocks that
  -- differ.
  expires_at timestamptz not null default now() + interval '10 minutes',
  constraint used_proofs_pkey primary key (proof_hash)
);

-- For removing what has expired.
create index used_proofs_expires_at on used_proofs (expires_at);
