// Runs a client's cases one after the other; each prints one line of JSON, which the C# tests read.
export async function run(cases) {
  for (const [name, check] of Object.entries(cases)) {
    try {
      await check();
      console.log(JSON.stringify({ case: name, passed: true }));
    } catch (error) {
      console.log(JSON.stringify({ case: name, passed: false, error: String(error?.stack ?? error) }));
    }
  }
  console.log(JSON.stringify({ end: Object.keys(cases).length }));
}

export const settings = {
  baseURL: process.env.BASE_URL,
  apiKey: process.env.API_KEY,
  keyWithoutCredit: process.env.KEY_WITHOUT_CREDIT,
  keyOfOneModel: process.env.KEY_OF_ONE_MODEL,
  limitedKey: process.env.LIMITED_KEY,
  requestsPerMinute: Number(process.env.REQUESTS_PER_MINUTE),
};

// What the clients send, counted: an SDK's retries are seen here and nowhere else.
export function countingFetch() {
  const counting = async (url, init) => {
    counting.calls++;
    const response = await fetch(url, init);
    counting.statuses.push(response.status);
    return response;
  };
  counting.calls = 0;
  counting.statuses = [];
  return counting;
}
