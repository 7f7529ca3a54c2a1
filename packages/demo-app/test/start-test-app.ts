import type { Log } from '../src/log.js';
import { type RunningDemoApp, startDemoApp } from '../src/start-demo-app.js';

export interface TestApp extends RunningDemoApp {
  readonly events: readonly string[];
}

/** Starts the real app on a free port. The default issuer is a URL at which no server listens. */
export async function startTestApp(issuer = 'http://localhost:2', dataFile?: string): Promise<TestApp> {
  const events: string[] = [];
  const log: Log = (event, fields) => events.push(JSON.stringify({ event, ...fields }));
  const config = {
    host: '127.0.0.1',
    port: 0,
    issuer,
    resourceProxyUrl: 'http://localhost:2',
    demoAppUrl: undefined,
    dataFile,
  };
  return { ...(await startDemoApp(config, { log })), events };
}
