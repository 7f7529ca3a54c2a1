import Cerebras from '@cerebras/cerebras_cloud_sdk';
import { casesOf, PROXY, run, TOKEN } from './common.mjs';

// This SDK adds `/v1`. Without the last option, it also sends a request that only opens a connection.
const options = { baseURL: `${PROXY}/cerebras`, apiKey: TOKEN, maxRetries: 0, warmTCPConnection: false };
await run(casesOf(new Cerebras(options)));
