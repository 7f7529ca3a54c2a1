import { createPriceCatalogue, costOf } from '@aipassport/policy';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { calcPrice, extractUsage, findProvider } from '@pydantic/genai-prices';
import { meter, meterJson } from './metering.js';
