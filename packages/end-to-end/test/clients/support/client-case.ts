/** The address of the proxy and the access token, for a tool's configuration. */
export interface ProxyAddress {
  readonly url: string;
  /** SECRET. A delegated access token, which the tool gets in place of an API key. */
  readonly accessToken: string;
}

/** A common use of a tool. */
export interface ClientCase {
  readonly title: string;
  /** The operations that the tool calls. Each is answered with 200, unless its entry ends with another status. */
  readonly requests: readonly string[];
  /** The fields that the proxy leaves out of these requests. */
  readonly drops?: readonly string[];
  /** A part of the text that `run` returns. Default: the usual answer of the simulated AI provider. */
  readonly answer?: string;
  /** @returns the last text that the tool got from the model */
  readonly run: (proxy: ProxyAddress) => Promise<string>;
}

/** A tool and its test cases. */
export interface ClientTool {
  readonly name: string;
  readonly cases: readonly ClientCase[];
}

export const question = 'What is the capital of France?';
/** A question that is answered after one call of the tool below. */
export const toolQuestion = 'What is the weather in Paris?';
export const weatherTool = 'get_weather';
export const weatherToolDescription = 'Tells the weather of a city.';
export const weather = 'Sunny, 21 degrees.';
