import { connect } from 'node:net';

export interface RawAnswer {
  /** 0 when the connection was closed without an answer. */
  readonly status: number;
  readonly text: string;
}

/**
 * Writes bytes to the proxy as they are, so that a test can send what no HTTP library would send. Reads until the proxy
 * closes the connection, or sends nothing for `silenceMilliseconds` after its last bytes.
 */
export function sendRaw(port: number, bytes: string | Buffer, silenceMilliseconds = 250): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text });
    };
    let timer = setTimeout(finish, 10_000);
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (chunk: string) => {
      text += chunk;
      clearTimeout(timer);
      timer = setTimeout(finish, silenceMilliseconds);
    });
    socket.on('close', finish);
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? finish() : reject(error)));
  });
}

/** The number of answers. */
export function countAnswers({ text }: RawAnswer): number {
  return text.split('HTTP/1.1 ').length - 1;
}
