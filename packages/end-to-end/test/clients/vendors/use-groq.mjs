import Groq from 'groq-sdk';
import { casesOf, PROXY, run, TOKEN } from './common.mjs';

// This SDK adds `/openai/v1`.
await run(casesOf(new Groq({ baseURL: `${PROXY}/groq`, apiKey: TOKEN, maxRetries: 0 })));
