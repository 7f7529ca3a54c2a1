import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from '@jest/globals';
import { postChat } from '../../harness/chat.js';
import { type Deployment, type DeploymentOptions, startDeployment } from '../../harness/deployment.js';
import { RecordingUpstream } from '../../harness/recording-upstream.js';
import type { Replica } from '../../harness/replica.js';
import { waitUntil } from '../../harness/wait-until.js';

/** A deployment whose database a test replaces with a backup. */
export interface RestoredDeployment {
  readonly upstream: RecordingUpstream;
  readonly deployment: Deployment;
  /** The directory of the journal or of the marks, which show that the database is older than before. */
  readonly directory: string;
  listReplicas(): readonly Replica[];
  startReplicas(): Promise<void>;
  stopReplicas(): Promise<void>;
  waitUntilAll(status: 200 | 503): Promise<void>;
  /** Asks each server once. */
  expectRefusals(accessToken: string): Promise<void>;
  /** Ends everything, and deletes the directory. */
  stop(): Promise<void>;
}

type Variables = ReturnType<NonNullable<DeploymentOptions['variables']>>;

/** @param listVariables the environment variables of each kind of server, which name the directory */
export async function startRestoredDeployment(
  listVariables: (directory: string) => Variables,
): Promise<RestoredDeployment> {
  const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-restored-'));
  const upstream = await RecordingUpstream.start();
  const variables = () => listVariables(directory);
  const deployment = await startDeployment({ upstreamUrl: upstream.url, awaitsReady: false, variables });
  const { authorizationServers, resourceProxies } = deployment;
  const listReplicas = () => [...authorizationServers, ...resourceProxies];
  return {
    upstream,
    deployment,
    directory,
    listReplicas,
    async startReplicas() {
      for (const replicas of [authorizationServers, resourceProxies])
        await Promise.all(replicas.map((replica) => replica.start()));
    },
    async stopReplicas() {
      await Promise.all(listReplicas().map((replica) => replica.stop()));
    },
    async waitUntilAll(status) {
      for (const { url } of listReplicas()) {
        const isSo = async () => (await fetch(`${url}/health/ready`)).status === status;
        await waitUntil(isSo, `the health of ${url} is ${status}`, 30_000);
      }
    },
    async expectRefusals(accessToken) {
      const answers = [
        ...authorizationServers.map(({ url }) => fetch(`${url}/.well-known/openid-configuration`)),
        ...resourceProxies.map(({ url }) => postChat(url, accessToken)),
      ];
      for (const answer of await Promise.all(answers)) {
        expect([answer.url, answer.status]).toEqual([answer.url, 503]);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
    },
    async stop() {
      await deployment.stop();
      await upstream.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
