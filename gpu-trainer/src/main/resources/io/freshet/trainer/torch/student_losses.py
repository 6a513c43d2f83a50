# The three losses, each as it enters the total: dino_local, dino_global, koleo, ibot.

def student_losses(self, global_cls: Tensor, local_cls: Tensor, patch_tokens: Tensor, p: Dict[str, Tensor],
                   dino_targets: Tensor, ibot_targets: Tensor, patches: Tensor, patch_weights: Tensor,
                   separate_head: bool, student_temp: float,
                   dino_weight: float, koleo_weight: float, ibot_weight: float) -> Tensor:
  # global_cls: 2B x D; local_cls: V*B x D; patch_tokens: 2B x N x D; targets: 2B x K and n x K
  masked = patch_tokens.flatten(0, 1).index_select(0, patches)          # n x D
  cls = global_cls
  if local_cls.size(0) > 0:
    cls = torch.cat([global_cls, local_cls])                            # (2 + V)*B x D
  if separate_head:
    cls_logits = self.dino_head(cls, p, "dino_head.")                   # (2 + V)*B x K
    patch_logits = self.dino_head(masked, p, "ibot_head.")              # n x K
  else:
    # One head for both: one pass over all tokens.
    cls_logits, patch_logits = self.dino_head(torch.cat([cls, masked]), p, "dino_head.").split([cls.shape[0], masked.shape[0]])
  return self.losses_of_logits(cls_logits, patch_logits, global_cls, dino_targets, ibot_targets, patch_weights, student_temp,
                               dino_weight, koleo_weight, ibot_weight)

def losses_of_logits(self, cls_logits: Tensor, patch_logits: Tensor, global_cls: Tensor,
                     dino_targets: Tensor, ibot_targets: Tensor, patch_weights: Tensor, student_temp: float,
                     dino_weight: float, koleo_weight: float, ibot_weight: float) -> Tensor:
  # cls_logits: (2 + V)*B x K, those of global crops first; patch_logits: n x K
  crops = global_cls.size(0)
  images = crops // 2
  views = (cls_logits.size(0) - crops) // images
  K = cls_logits.shape[-1]
  terms = 2 + max(2 * views, 1)   # pairs of crops; the plain average over all of them
  # Rows were matched crop to other crop, so all 2B rows count as one crop of a batch twice as large.
  dino_global = 2 * self.dino_loss(cls_logits[:crops][None], dino_targets[None], student_temp) / terms
  dino_local = torch.zeros_like(dino_global)
  if views > 0:
    local_logits = cls_logits[crops:].reshape(views, images, K)
    dino_local = self.dino_loss(local_logits, dino_targets.reshape(2, images, K), student_temp) / terms

  koleo = torch.zeros_like(dino_global)
  if koleo_weight > 0:
    for crop in global_cls.chunk(2):
      koleo = koleo + self.koleo_loss(crop)

  ibot = self.ibot_loss(patch_logits, ibot_targets, patch_weights, crops, student_temp)
  return torch.stack([dino_weight * dino_local, dino_weight * dino_global, koleo_weight * koleo, ibot_weight * ibot])
