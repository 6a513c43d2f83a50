def patch_embed(self, x: Tensor, p: Dict[str, Tensor]) -> Tensor:
  # x: B x 3 x H x W, cut into non-overlapping patches and projected
  weight = p["patch_embed.proj.weight"]  # D x 3 x P x P
  P = weight.size(-1)
  assert x.size(2) % P == 0 and x.size(3) % P == 0, "image height " + str(x.size(2)) + " and width " + str(x.size(3)) + " must be multiples of the patch size " + str(P)
  y = torch.conv2d(x, weight, p["patch_embed.proj.bias"], [P, P])  # B x D x H/P x W/P
  return y.flatten(2).transpose(1, 2)  # B x N x D
