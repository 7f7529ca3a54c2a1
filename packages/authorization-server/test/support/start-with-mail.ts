import { type MailServer, sendTo, startMailServer } from './mail-server.js';
import { startTestServer, type TestServer, type TestServerOptions } from './start-server.js';

export interface ServerWithMail {
  readonly mailServer: MailServer;
  /** Two replicas, which send their mails to the mail server. */
  readonly server: TestServer;
  readonly close: () => Promise<void>;
}

export async function startWithMail(configuration: TestServerOptions['configuration'] = {}): Promise<ServerWithMail> {
  const mailServer = await startMailServer();
  const server = await startTestServer({ replicas: 2, configuration: { ...sendTo(mailServer), ...configuration } });
  const close = async () => {
    await server.close();
    await mailServer.close();
  };
  return { mailServer, server, close };
}
