/** The example of a consumer: "find similar" that stays fresh while models change under it. */
package io.freshet.client.similar;
