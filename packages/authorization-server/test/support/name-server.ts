import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** A name server at a loopback address. */
export interface NameServer {
  /** `address:port` */
  readonly address: string;
  /** The names of the questions, in lower case. */
  readonly asked: readonly string[];
  readonly close: () => Promise<void>;
}

/** @param records the addresses of each name. Questions about other names are not answered */
export async function openNameServer(records: Readonly<Record<string, readonly string[]>>): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { name, type, question } = readQuestion(query);
    asked.push(name);
    const addresses = records[name];
    if (addresses !== undefined)
      socket.send(buildAnswer(query, { type, question, addresses }), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** The only question of a query (RFC 1035 section 4.1). */
function readQuestion(query: Buffer): { readonly name: string; readonly type: number; readonly question: Buffer } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return {
    name: labels.join('.').toLowerCase(),
    type: query.readUInt16BE(at + 1),
    question: query.subarray(12, at + 5),
  };
}

const typeA = 1;
const typeAaaa = 28;

function buildAnswer(
  query: Buffer,
  { type, question, addresses }: { type: number; question: Buffer; addresses: readonly string[] },
): Buffer {
  const given = addresses.filter((address) => type === (isIPv6(address) ? typeAaaa : typeA)).map(toBytes);
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180, 2); // an answer without an error
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(given.length, 6);
  const answers = given.map((bytes) => {
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0); // the name of the question
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt16BE(bytes.length, 10);
    return Buffer.concat([record, bytes]);
  });
  return Buffer.concat([header, question, ...answers]);
}

/** @param address IPv4, or IPv6 without `::` */
function toBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  return Buffer.from(
    address
      .split(':')
      .map((group) => group.padStart(4, '0'))
      .join(''),
    'hex',
  );
}
