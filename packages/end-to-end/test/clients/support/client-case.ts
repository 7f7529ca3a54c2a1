/** The address of the proxy, and the API key, in a tool's configuration. */
export interface ProxyAddress {
  readonly url: string;
  /** SECRET. A delegated token, in the place of the API key. */
  readonly accessToken: string;
}

/** A common use of a tool. */
export interface ClientCase {
  readonly title: string;
  /** The operations that it calls. Each is answered with 200, unless its text ends with another status. */
  readonly requests: readonly string[];
  /** What the proxy leaves out of these requests. */
  readonly drops?: readonly string[];
  /** A part of the last text, if that is not the usual answer of the simulated AI provider. */
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
