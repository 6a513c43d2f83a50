package io.freshet.trainer.run;

import java.time.Duration;
import java.util.Optional;

/**
 * Where the loop stands after a step.
 *
 * @param step optimiser steps done
 * @param imagesSeen images of all steps
 * @param loss what was back-propagated; NaN when the step was skipped for it
 * @param stepTime wall time of the step, waiting for data included
 * @param imagesPerSecond over the last steps
 * @param dataWaitShare share of the last steps' time that was spent waiting for data, 0..1
 * @param untilRelease steps to the next release
 * @param eta time to the next release at this speed; empty before it is known
 */
public record StepProgress(
    long step,
    long imagesSeen,
    double loss,
    Duration stepTime,
    double imagesPerSecond,
    double dataWaitShare,
    long untilRelease,
    Optional<Duration> eta) {}
