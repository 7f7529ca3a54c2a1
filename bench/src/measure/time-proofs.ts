import { hash, randomUUID } from 'node:crypto';
import { decideProof, parseProof } from '@aipassport/policy';
import { ProofVerifier } from '@aipassport/resource-proxy/src/proofs/proof-verifier.js';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';

const url = 'https://proxy.example/openai/v1/chat/completions';
const token = 'x'.repeat(900);
/** `Ed25519` is not in this list, because it is another name of `EdDSA`. */
const algorithms = ['ES256', 'EdDSA', 'PS256'];
const rounds = 5;
const proofsInRound = 400;
/** The number of requests that a busy proxy checks at the same time. */
const atOnce = 16;

/** The cost of checking one proof, in microseconds of CPU time of all threads. */
export interface ProofCost {
  readonly algorithm: string;
  /** The cost of the whole check except the signature, in each round. */
  readonly deciding: readonly number[];
  /** The cost of the whole check in each round. The verifier has seen the key in an earlier round. */
  readonly whole: readonly number[];
}

export async function timeProofs(): Promise<readonly ProofCost[]> {
  const makers = await Promise.all(algorithms.map(openMaker));
  const costs = makers.map(({ algorithm }) => ({ algorithm, deciding: [] as number[], whole: [] as number[] }));
  for (let round = -1; round < rounds; round += 1)
    for (const [index, maker] of makers.entries()) {
      const deciding = await timeChecks(maker, false);
      const whole = await timeChecks(maker, true);
      // the first round is a warm-up: its times are left out
      if (round < 0) continue;
      costs[index]?.deciding.push(deciding);
      costs[index]?.whole.push(whole);
    }
  return costs;
}

type Maker = Awaited<ReturnType<typeof openMaker>>;

async function openMaker(algorithm: string) {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const keyThumbprint = await calculateJwkThumbprint(jwk);
  const make = () =>
    new SignJWT({ htm: 'POST', htu: url, jti: randomUUID(), ath: hash('sha256', token, 'base64url') })
      .setIssuedAt()
      .setProtectedHeader({ alg: algorithm, typ: 'dpop+jwt', jwk })
      .sign(privateKey);
  return { algorithm, keyThumbprint, make, verifier: new ProofVerifier() };
}

async function timeChecks(maker: Maker, isWhole: boolean): Promise<number> {
  const texts = await Promise.all(Array.from({ length: proofsInRound }, maker.make));
  const before = process.cpuUsage();
  for (let from = 0; from < texts.length; from += atOnce)
    await Promise.all(texts.slice(from, from + atOnce).map((text) => check(maker, text, isWhole)));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / proofsInRound;
}

async function check({ keyThumbprint, verifier }: Maker, text: string, isWhole: boolean): Promise<void> {
  const proof = parseProof(text);
  if (proof === undefined) throw new Error('the proof cannot be read');
  const tokenHash = hash('sha256', token, 'base64url');
  const verdict = decideProof(proof, { method: 'POST', url, tokenHash, keyThumbprint }, Date.now());
  if (!verdict.ok) throw new Error(verdict.problem);
  if (isWhole && !(await verifier.verify(proof, verdict.key, verdict.algorithm))) throw new Error('signature');
}
