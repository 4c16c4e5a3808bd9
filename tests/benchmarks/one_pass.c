/* One pass over the bars in C, written by hand: value, drift, rebalance, equity. What memory allows is its measure. */
#include <math.h>

#define COINS 10

/* prices: bars x 10, one bar after the other. Returns the number of rebalances; equity has the value of every bar. */
long one_pass(const double *restrict prices, long bars, const double *restrict shares, double band, double investment,
              double *restrict equity)
{
    double units[COINS], cash = 0.0;
    long rebalances = 0;
    for (int coin = 0; coin < COINS; coin++)
        units[coin] = shares[coin] * investment / prices[coin];
    for (long bar = 0; bar < bars; bar++) {
        const double *restrict at = prices + bar * COINS;
        double parts[COINS], worth = cash, off = 0.0;
        for (int coin = 0; coin < COINS; coin++) {
            parts[coin] = units[coin] * at[coin];
            worth += parts[coin];
        }
        for (int coin = 0; coin < COINS; coin++) {
            double away = fabs(parts[coin] - shares[coin] * worth);
            off = away > off ? away : off;
        }
        if (bar > 0 && off > band * worth) {
            for (int coin = 0; coin < COINS; coin++)
                units[coin] = shares[coin] * worth / at[coin];
            rebalances++;
        }
        equity[bar] = worth;
    }
    return rebalances;
}
