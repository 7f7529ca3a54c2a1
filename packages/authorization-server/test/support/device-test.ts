import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import type { TestClient, Tokens } from './client.js';
import { type Answer, json } from './http.js';
import { createOwner, type Owner } from './owner.js';
import { startTestServer, type TestServer } from './start-server.js';
import { addTerminal, beginDevice, type DeviceAuthorization, decideDevice, poll } from './terminal.js';

/** Two replicas of the server, an owner, and a terminal that asks the owner for access. */
export interface DeviceTest {
  readonly database: TestDatabase;
  readonly server: TestServer;
  /** The terminal. */
  readonly client: TestClient;
  readonly owner: Owner;
  readonly begin: (parameters?: Readonly<Record<string, string>>) => Promise<DeviceAuthorization>;
  /** Polls once, at one of the replicas. */
  readonly poll: (device: DeviceAuthorization, replica?: number) => Promise<Answer>;
  /** Polls once. Resolves with the error of an answer with status 400, and with the status of any other answer. */
  readonly pollError: (device: DeviceAuthorization, replica?: number) => Promise<unknown>;
  /** The owner allows the request, and the terminal redeems the device code. */
  readonly connect: (device: DeviceAuthorization) => Promise<Tokens>;
  readonly close: () => Promise<void>;
}

export async function openDeviceTest(): Promise<DeviceTest> {
  const database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  const server = await startTestServer({ replicas: 2, database, configuration: { trustedProxyHops: 1 } });
  const client = await addTerminal(server);
  const owner = await createOwner(server);
  const pollOnce = (device: DeviceAuthorization, replica = 0) => poll(server, client, device, server.urls[replica]);
  return {
    database,
    server,
    client,
    owner,
    begin: (parameters) => beginDevice(server, client, parameters),
    poll: pollOnce,
    pollError: async (device, replica) => {
      const answer = await pollOnce(device, replica);
      return answer.status === 400 ? json(answer)['error'] : answer.status;
    },
    connect: async (device) => {
      await decideDevice(owner.browser, device, 'allow');
      const answer = await pollOnce(device);
      if (answer.status !== 200) throw new Error(`no tokens: ${answer.text}`);
      return json(answer) as unknown as Tokens;
    },
    close: async () => {
      await server.close();
      await database.close();
    },
  };
}
