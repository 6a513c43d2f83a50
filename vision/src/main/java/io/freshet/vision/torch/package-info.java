/**
 * PyTorch without Python: the native runtime's start and ordered end, functions written in
 * TorchScript, tensors with a visible owner.
 *
 * <p>Rules that keep native memory and gradients right: every tensor is created by {@link
 * io.freshet.vision.torch.Tensors} or returned by {@link
 * io.freshet.vision.torch.TorchScriptLibrary#call}; arithmetic under autograd happens in scripts,
 * never through {@code NDArray.mul(Number)}; what a step creates lives in the step's manager and
 * {@code NDScope}; what outlives it is created before the scope opens or unregistered from it.
 */
package io.freshet.vision.torch;
