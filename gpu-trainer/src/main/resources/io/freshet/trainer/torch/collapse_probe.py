# What the teacher makes of a fixed set of images, in a few numbers that show a collapse.

def collapse_probe(self, images: Tensor, p: Dict[str, Tensor], head: Dict[str, Tensor], center: Tensor,
                   heads: int, offset: float, antialias: bool,
                   sinkhorn: bool, sinkhorn_iterations: int, teacher_temp: float) -> Dict[str, Tensor]:
  nothing = images.new_empty([0]) > 0
  tokens = self.forward_features(images, nothing, p, heads, offset, antialias)
  cls = tokens["x_norm_clstoken"]                                       # N x D
  patches = tokens["x_norm_patchtokens"]                                # N x P x D
  unit = cls / cls.norm(2, -1, True).clamp_min(1.0e-8)
  unit_patches = patches / patches.norm(2, -1, True).clamp_min(1.0e-8)
  logits = self.dino_head(cls, head, "dino_head.")                      # N x K
  if sinkhorn:
    targets = self.sinkhorn_knopp(logits, teacher_temp, sinkhorn_iterations)
  else:
    targets = self.softmax_center(logits, center, teacher_temp)
  return {
      "embedding_std": unit.std(0).mean() * float(unit.shape[1]) ** 0.5,
      "rankme": self.effective_rank(cls),
      "cls_patch_cosine": (unit_patches * unit[:, None]).sum(-1).mean(),
      "probe_target_entropy": self.entropy(targets).mean(),
      "probe_mean_target_entropy": self.entropy(targets.mean(0)),
      "prototypes": targets.argmax(-1)                                  # N
  }
