import { createServer } from 'node:net';

/** A port that something is going to listen on, and the environment variable that chooses it. */
export interface WantedPort {
  readonly name: string;
  readonly variable: string;
  readonly port: number;
}

/**
 * Looks whether every port is free, on both loopback addresses: browsers try the two for `localhost`.
 *
 * @returns a sentence for every port that is not, naming the variable to set
 */
export async function checkPorts(wanted: readonly WantedPort[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [index, { name, variable, port }] of wanted.entries()) {
    const earlier = wanted.slice(0, index).find((other) => other.port === port);
    if (earlier !== undefined) problems.push(`${earlier.variable} and ${variable} are both ${port}. Choose two ports.`);
    else if (!(await isFree(port)))
      problems.push(
        `Port ${port}, for the ${name}, is taken by another program. Stop that one, or set ${variable} to another port.`,
      );
  }
  return problems;
}

/** @returns whether nothing listens on this port of this machine */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen('127.0.0.1', port)) && (await canListen('::1', port));
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // a machine without IPv6 answers EADDRNOTAVAIL
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
