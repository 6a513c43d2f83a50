# The linear depth head: class token beside each patch token, layers side by side, enlarged, 1 x 1 convolution to bins.

def depth_head(self, patches: List[Tensor], cls: List[Tensor], w: Tensor, b: Tensor,
               min_depth: float, max_depth: float, upsample: int) -> Tensor:
  # patches: each B x D x H x W; cls: each B x D; w: bins x 2 D layers x 1 x 1. Returns B x 1 x H upsample x W upsample.
  B, D, H, W = patches[0].shape
  layers = annotate(List[Tensor], [])
  for i in range(len(patches)):
    layers.append(torch.cat([patches[i], cls[i][:, :, None, None].expand(B, D, H, W)], 1))
  x = torch.upsample_bilinear2d(torch.cat(layers, 1), [H * upsample, W * upsample], False)
  share = torch.relu(self.pointwise(x, w, b)) + 0.1
  share = share / share.sum(1, True)                                      # B x bins x H' x W'
  bins = torch.linspace(min_depth, max_depth, w.size(0), dtype=x.dtype, device=x.device)
  return (share * bins[None, :, None, None]).sum(1, True)

def depth_loss(self, predicted: Tensor, depth: Tensor, max_depth: float) -> Tensor:
  # SigLoss: scale-invariant in part, over the pixels that have a depth. Both B x 1 x H x W. The original adds a
  # gradient loss whose indices run over images and channels; for its batches of two it is zero.
  valid = torch.logical_and(depth > 0, depth <= max_depth)
  g = torch.log(predicted[valid] + 0.001) - torch.log(depth[valid] + 0.001)
  return torch.sqrt(torch.var(g) + 0.15 * g.mean().square())

def depth_head_gradients(self, patches: List[Tensor], cls: List[Tensor], depth: Tensor, w: Tensor, b: Tensor,
                         min_depth: float, max_depth: float, upsample: int) -> List[Tensor]:
  # Loss at the size of the depth maps, its derivatives by w and b.
  predicted = self.depth_head(patches, cls, w, b, min_depth, max_depth, upsample)
  predicted = torch.upsample_bilinear2d(predicted, [depth.size(2), depth.size(3)], False)
  loss = self.depth_loss(predicted, depth, max_depth)
  grads = annotate(List[Tensor], [loss.detach()])
  for g in torch.grad([loss], [w, b]):
    if g is not None:
      grads.append(g)
  return grads

def depth_head_prediction(self, patches: List[Tensor], cls: List[Tensor], w: Tensor, b: Tensor,
                          min_depth: float, max_depth: float, upsample: int, height: int, width: int) -> Tensor:
  predicted = self.depth_head(patches, cls, w, b, min_depth, max_depth, upsample)
  return torch.upsample_bilinear2d(predicted, [height, width], False)
