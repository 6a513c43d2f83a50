# The update: clipped gradients into AdamW, then the student into its moving average. Lists that are written must be
# arguments: the compiler takes writes through a list that was made here for unused and drops them.

def count_update(self, updates: Tensor) -> None:
  updates.add_(1)

def adamw(self, parameters: List[Tensor], grads: List[Tensor], exp_avg: List[Tensor], exp_avg_sq: List[Tensor],
          updates: Tensor, clip: float, lr: float, weight_decay: float, beta1: float, beta2: float, eps: float) -> None:
  torch._fused_adamw_(parameters, torch._foreach_mul(grads, clip), exp_avg, exp_avg_sq,
                      annotate(List[Tensor], []), [updates for _ in range(len(parameters))],
                      lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay, eps=eps, amsgrad=False, maximize=False)

def follow(self, average: List[Tensor], student: List[Tensor], momentum: float) -> None:
  torch._foreach_lerp_(average, student, 1 - momentum)

def assign(self, targets: List[Tensor], values: List[Tensor]) -> None:
  torch._foreach_copy_(targets, values)
