import { createOwner } from '../../harness/connect.js';
import { type Deployment, type DeploymentOptions, startDeployment } from '../../harness/deployment.js';
import type { Owner } from '../../harness/owner.js';
import { RecordingUpstream } from '../../harness/recording-upstream.js';

/** Two replicas of each server, and an owner. The tests of one file, for client libraries or tools, share them. */
export interface ClientStack {
  readonly deployment: Deployment;
  readonly upstream: RecordingUpstream;
  readonly owner: Owner;
  readonly stop: () => Promise<void>;
}

export async function startClientStack(options: Pick<DeploymentOptions, 'variables'> = {}): Promise<ClientStack> {
  const upstream = await RecordingUpstream.start();
  const deployment = await startDeployment({ ...options, upstreamUrl: upstream.url });
  const owner = await createOwner(deployment);
  return {
    deployment,
    upstream,
    owner,
    stop: async () => {
      await deployment.stop();
      await upstream.stop();
    },
  };
}

/** Registers a client over HTTP. Each library has its own client. */
export async function register(
  { deployment: { issuer } }: Pick<ClientStack, 'deployment'>,
  metadata: Readonly<Record<string, unknown>>,
): Promise<{ readonly client_id: string; readonly client_secret: string }> {
  const answer = await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [redirectUri], ...metadata }),
  });
  if (answer.status !== 201) throw new Error(`not registered: ${await answer.text()}`);
  return (await answer.json()) as { client_id: string; client_secret: string };
}

export const redirectUri = 'http://127.0.0.1:9/callback';
export const usualScope = 'model:gpt-4o-mini cap:chat';
