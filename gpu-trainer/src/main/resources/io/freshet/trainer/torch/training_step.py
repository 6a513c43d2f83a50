# Forward and backward of one step, in one call: the teacher's targets, the student's losses, their gradients.

def training_step(self, student: Dict[str, Tensor], student_heads: Dict[str, Tensor], trainable: str,
                  teacher: Dict[str, Tensor], teacher_heads: Dict[str, Tensor],
                  global_crops: Tensor, local_crops: Tensor,
                  masks: Tensor, patches: Tensor, patch_weights: Tensor, kept: List[Tensor], centers: List[Tensor],
                  heads: int, offset: float, antialias: bool,
                  separate_head: bool, sinkhorn: bool, sinkhorn_iterations: int, center_momentum: float,
                  teacher_temp: float, student_temp: float,
                  dino_weight: float, koleo_weight: float, ibot_weight: float,
                  written_out: bool) -> Tuple[Dict[str, Tensor], List[Tensor]]:
  nothing = masks.new_empty([0])
  torch.set_grad_enabled(False)
  # The teacher sees whole crops.
  seen = self.forward_features(global_crops, nothing, self.computed(teacher), heads, offset, antialias)
  dino_targets, ibot_targets, updated = self.teacher_targets(
      seen, teacher_heads, patches, centers, separate_head, sinkhorn, sinkhorn_iterations, center_momentum, teacher_temp)
  report, grads = self.student_step(
      global_crops, local_crops, masks, trainable, student, student_heads, dino_targets, ibot_targets, patches, patch_weights, kept,
      heads, offset, antialias, separate_head, student_temp, dino_weight, koleo_weight, ibot_weight, written_out)
  report["target_entropy"] = self.entropy(dino_targets).mean()
  report["mean_target_entropy"] = self.entropy(dino_targets.mean(0))
  report["dino_center"] = updated[0]
  report["ibot_center"] = updated[1]
  return report, grads

def student_step(self, global_crops: Tensor, local_crops: Tensor, masks: Tensor, trainable: str,
                 student: Dict[str, Tensor], student_heads: Dict[str, Tensor],
                 dino_targets: Tensor, ibot_targets: Tensor, patches: Tensor, patch_weights: Tensor, kept: List[Tensor],
                 heads: int, offset: float, antialias: bool, separate_head: bool, student_temp: float,
                 dino_weight: float, koleo_weight: float, ibot_weight: float,
                 written_out: bool) -> Tuple[Dict[str, Tensor], List[Tensor]]:
  # masks: of the global crops, empty for whole ones. trainable: full names, one a line; the gradients come in their order. written_out:
  # whether the derivatives of blocks and heads are the written ones or autograd's.
  views = [global_crops]
  hidden = [masks]
  if local_crops.size(0) > 0:
    views.append(local_crops)
    hidden.append(masks.new_empty([0]))
  names = trainable.split("\n")
  if written_out:
    losses, student_cls, grads = self.gradients_written_out(
        views, hidden, names, student, student_heads, dino_targets, ibot_targets, patches, patch_weights, kept, heads, offset, antialias,
        separate_head, student_temp, dino_weight, koleo_weight, ibot_weight)
  else:
    losses, student_cls, grads = self.gradients_recorded(
        views, hidden, names, student, student_heads, dino_targets, ibot_targets, patches, patch_weights, kept, heads, offset, antialias,
        separate_head, student_temp, dino_weight, koleo_weight, ibot_weight)
  # The optimizer's kernel walks parameter and gradient side by side, so both must lie alike.
  ordered = [grads[name].contiguous() for name in names]
  torch.set_grad_enabled(False)
  report = {
      "losses": losses.detach(),
      "grad_norms": torch.stack(torch._foreach_norm(ordered, 2)),
      "koleo_coincidences": torch.stack([self.koleo_coincidences(crop) for crop in student_cls.chunk(2)]).sum().float()
  }
  return report, ordered

def gradients_recorded(self, views: List[Tensor], hidden: List[Tensor], names: List[str], student: Dict[str, Tensor], student_heads: Dict[str, Tensor],
                       dino_targets: Tensor, ibot_targets: Tensor, patches: Tensor, patch_weights: Tensor, kept: List[Tensor],
                       heads: int, offset: float, antialias: bool, separate_head: bool, student_temp: float,
                       dino_weight: float, koleo_weight: float, ibot_weight: float) -> Tuple[Tensor, Tensor, Dict[str, Tensor]]:
  # losses: 4; the class tokens of the global crops: 2B x D; gradients by name
  torch.set_grad_enabled(True)
  tokens = self.forward_features_list(views, hidden, kept, self.computed(student), heads, offset, antialias)
  local_cls = views[0].new_empty([0, 0])
  if len(tokens) > 1:
    local_cls = tokens[1]["x_norm_clstoken"]                            # V*B x D
  losses = self.student_losses(
      tokens[0]["x_norm_clstoken"], local_cls, tokens[0]["x_norm_patchtokens"], student_heads,
      dino_targets, ibot_targets, patches, patch_weights, separate_head, student_temp,
      dino_weight, koleo_weight, ibot_weight)                           # 4
  found = torch.grad([losses.sum()], [self.parameter(name, student, student_heads) for name in names])
  torch.set_grad_enabled(False)
  grads = annotate(Dict[str, Tensor], {})
  for i in range(len(names)):
    grads[names[i]] = self.wanted(found[i], names[i])
  return losses, tokens[0]["x_norm_clstoken"].detach(), grads

def gradients_written_out(self, views: List[Tensor], hidden: List[Tensor], names: List[str], student: Dict[str, Tensor], student_heads: Dict[str, Tensor],
                          dino_targets: Tensor, ibot_targets: Tensor, patches: Tensor, patch_weights: Tensor, kept: List[Tensor],
                          heads: int, offset: float, antialias: bool, separate_head: bool, student_temp: float,
                          dino_weight: float, koleo_weight: float, ibot_weight: float) -> Tuple[Tensor, Tensor, Dict[str, Tensor]]:
  # losses: 4; the class tokens of the global crops: 2B x D; gradients by name
  # The same. What surrounds the blocks, the embedding of patches and the losses of logits, is left to autograd.
  torch.set_grad_enabled(True)
  embedded = [self.prepare_tokens(views[i], hidden[i], student, offset, antialias) for i in range(len(views))]
  packed = torch.cat([x.flatten(0, 1) for x in embedded])               # S x D
  torch.set_grad_enabled(False)
  batches = [x.size(0) for x in embedded]
  tokens = [x.size(1) for x in embedded]
  computed = self.computed(student)
  x, of_blocks = self.blocks_forward(packed.detach(), batches, tokens, computed, heads, kept)

  # Only class tokens and hidden patches go further: C + n rows.
  rows = self.rows_with_losses(batches, tokens, self.num_registers(student), patches)
  of_norm = annotate(Dict[str, Tensor], {})
  seen = self.norm_forward(x.index_select(0, rows), student, "norm", of_norm)
  classes, guesses = seen.split([rows.size(0) - patches.size(0), patches.size(0)])
  of_head = annotate(Dict[str, Tensor], {})
  of_patch_head = annotate(Dict[str, Tensor], {})
  if separate_head:
    cls_logits = self.head_forward(classes, student_heads, "dino_head.", of_head)
    patch_logits = self.head_forward(guesses, student_heads, "ibot_head.", of_patch_head)
  else:
    cls_logits, patch_logits = self.head_forward(seen, student_heads, "dino_head.", of_head).split([classes.size(0), guesses.size(0)])

  torch.set_grad_enabled(True)
  leaves = [cls_logits.detach().requires_grad_(True), patch_logits.detach().requires_grad_(True),
            classes[: batches[0]].detach().requires_grad_(True)]
  losses = self.losses_of_logits(
      leaves[0], leaves[1], leaves[2], dino_targets, ibot_targets, patch_weights, student_temp, dino_weight, koleo_weight, ibot_weight)
  dleaves = torch.grad([losses.sum()], leaves, None, None, False, True)
  torch.set_grad_enabled(False)
  dcls_logits, dpatch_logits = self.wanted(dleaves[0], "cls_logits"), self.wanted(dleaves[1], "patch_logits")

  grads = annotate(Dict[str, Tensor], {})
  if separate_head:
    dseen = torch.cat([self.head_backward(dcls_logits, student_heads, "dino_head.", of_head, grads),
                       self.head_backward(dpatch_logits, student_heads, "ibot_head.", of_patch_head, grads)])
  else:
    dseen = self.head_backward(torch.cat([dcls_logits, dpatch_logits]), student_heads, "dino_head.", of_head, grads)
  dkoleo = dleaves[2]
  if dkoleo is not None:
    dseen[: batches[0]].add_(dkoleo)
  of_backbone = annotate(Dict[str, Tensor], {})
  dx = torch.zeros_like(x).index_add_(0, rows, self.norm_backward(dseen, student, "norm", of_norm, of_backbone))
  dx = self.blocks_backward(dx, batches, tokens, computed, heads, kept, of_blocks, of_backbone)
  for name in of_backbone.keys():
    grads["backbone." + name] = of_backbone[name]

  before = annotate(List[str], [])
  for name in names:
    if name not in grads:
      before.append(name)
  outer = annotate(List[Optional[Tensor]], [dx])
  dbefore = torch.grad([packed], [self.parameter(name, student, student_heads) for name in before], outer)
  for i in range(len(before)):
    grads[before[i]] = self.wanted(dbefore[i], before[i])
  return losses, leaves[2].detach(), grads

def rows_with_losses(self, batches: List[int], tokens: List[int], registers: int, patches: Tensor) -> Tensor:
  # In the sequence of all tokens: the class tokens of all samples, then the patches, which count the patches of the first batch alone.
  rows = annotate(List[Tensor], [])
  start = 0
  for i in range(len(batches)):
    end = start + batches[i] * tokens[i]
    rows.append(torch.arange(start, end, tokens[i], device=patches.device))
    start = end
  N = tokens[0] - 1 - registers
  rows.append(torch.div(patches, N, rounding_mode="floor") * tokens[0] + 1 + registers + patches % N)
  return torch.cat(rows)

def parameter(self, name: str, backbone: Dict[str, Tensor], heads: Dict[str, Tensor]) -> Tensor:
  if name.startswith("backbone."):
    return backbone[name[9:]]
  return heads[name]

def wanted(self, grad: Optional[Tensor], name: str) -> Tensor:
  assert grad is not None, name + " is trainable and takes no part in the losses"
  return grad

def entropy(self, p: Tensor) -> Tensor:
  return -torch.xlogy(p, p).sum(-1)  # nats
