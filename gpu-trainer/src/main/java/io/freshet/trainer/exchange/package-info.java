/**
 * Several processes train one model and talk rarely (DiLoCo, arXiv 2311.08105): each takes some
 * steps on its own share of the stream, then all take the same outer step along the mean of what
 * they learned. What was exchanged lies in one ordered log, and every worker computes the outer
 * state from it by itself: there is no leader to lose. {@link io.freshet.trainer.exchange.RoundLog}
 * holds the rules, {@link io.freshet.trainer.exchange.ExchangeWorker} what a worker does about
 * them.
 */
package io.freshet.trainer.exchange;
