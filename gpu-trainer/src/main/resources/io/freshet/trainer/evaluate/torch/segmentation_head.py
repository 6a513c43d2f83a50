# The linear segmentation head: batch norm and a 1 x 1 convolution on patch tokens, enlarged to the pixels.

def segmentation_head(self, x: Tensor, p: Dict[str, Tensor], training: bool) -> Tensor:
  # x: B x D x H x W; returns logits B x K x H x W. Training changes the running mean and variance in place.
  y = torch.batch_norm(x, p["bn.weight"], p["bn.bias"], p["bn.running_mean"], p["bn.running_var"],
                       training, 0.1, 1.0e-5, False)
  return self.pointwise(y, p["conv.weight"], p["conv.bias"])

def pointwise(self, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  # A 1 x 1 convolution as a product of matrices. x: B x D x H x W; w: K x D x 1 x 1
  B, D, H, W = x.shape
  return (w.view(-1, D) @ x.reshape(B, D, H * W)).view(B, -1, H, W) + b[None, :, None, None]

def enlarged_logits(self, logits: Tensor, height: int, width: int) -> Tensor:
  return torch.upsample_bilinear2d(logits, [height, width], False)

def segmentation_gradients(self, x: Tensor, mask: Tensor, p: Dict[str, Tensor], ignore: int) -> List[Tensor]:
  # mask: B x H' x W' of class numbers. The loss and its derivatives by bn.weight, bn.bias, conv.weight, conv.bias.
  logits = self.enlarged_logits(self.segmentation_head(x, p, True), mask.size(1), mask.size(2))
  loss = torch.cross_entropy_loss(logits, mask, None, 1, ignore)
  grads = annotate(List[Tensor], [loss.detach()])
  for g in torch.grad([loss], [p["bn.weight"], p["bn.bias"], p["conv.weight"], p["conv.bias"]]):
    if g is not None:
      grads.append(g)
  return grads

def class_shares(self, x: Tensor, p: Dict[str, Tensor], height: int, width: int) -> Tensor:
  # The probability of each class at each pixel, B x K x height x width.
  return self.enlarged_logits(self.segmentation_head(x, p, False), height, width).softmax(1)

def sliding_shares(self, logits: Tensor, tops: List[int], lefts: List[int], window: int, side: int, out: int) -> Tensor:
  # logits: n x K x H x W, each of a window of a side x side square. Enlarged to the windows, averaged where they overlap,
  # resized to K x out x out, as probabilities. Some classes at a time, for the square may be large.
  K = logits.size(1)
  seen = torch.zeros([1, 1, side, side], dtype=logits.dtype, device=logits.device)
  for i in range(len(tops)):
    seen[:, :, tops[i] : tops[i] + window, lefts[i] : lefts[i] + window].add_(1)
  resized = annotate(List[Tensor], [])
  for k in range(0, K, 16):
    some = logits[:, k : min(k + 16, K)]                                  # n x 16 x H x W
    total = torch.zeros([1, some.size(1), side, side], dtype=logits.dtype, device=logits.device)
    for i in range(len(tops)):
      enlarged = self.enlarged_logits(some[i : i + 1], window, window)
      total[:, :, tops[i] : tops[i] + window, lefts[i] : lefts[i] + window].add_(enlarged)
    resized.append(self.enlarged_logits(total / seen, out, out))
  return torch.cat(resized, 1).softmax(1)[0]
