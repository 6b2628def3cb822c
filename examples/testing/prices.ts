/** Asks the exchange what a currency is worth in euros. The tests put another function in its place. */
export async function fetchRate(currency: string): Promise<number> {
  const answer = await fetch(`https://api.frankfurter.dev/v1/latest?base=${currency}&symbols=EUR`);
  if (!answer.ok) throw new Error(`${currency}: ${answer.status} ${answer.statusText}`);
  const { rates } = (await answer.json()) as { readonly rates: { readonly EUR: number } };
  return rates.EUR;
}
