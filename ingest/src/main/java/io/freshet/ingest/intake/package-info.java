/**
 * From bytes to an image of the pipeline or a named refusal. Start at {@link
 * io.freshet.ingest.intake.ImageIntake}.
 */
package io.freshet.ingest.intake;
