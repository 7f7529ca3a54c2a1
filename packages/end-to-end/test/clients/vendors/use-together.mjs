import Together from 'together-ai';
import { casesOf, PROXY, run, TOKEN } from './common.mjs';

// Together answers a list of models with an array, and this SDK passes on what it gets. The proxy answers with an object,
// as for all AI providers with OpenAI's format, because OpenAI's SDK needs it.
await run(casesOf(new Together({ baseURL: `${PROXY}/together/v1`, apiKey: TOKEN, maxRetries: 0 })));
