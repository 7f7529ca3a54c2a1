import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A server for comparison with the proxy. It is not attacked, and it answers every request with `{}`. If the machine is
 * busy, its replies are slow too. They show how much of the bystander's waiting is not due to the proxy.
 */
const server = createServer({ keepAliveTimeout: 75_000 }, (_request, response) => {
  response.end('{}');
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once('disconnect', () => process.exit());
