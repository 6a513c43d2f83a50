# Linear classifiers that share their input and differ in learning rate, trained side by side by SGD with momentum.

def linear_probe(self, x: Tensor, labels: Tensor, order: Tensor, rates: Tensor, momentum: float,
                 w: Tensor, b: Tensor, w_velocity: Tensor, b_velocity: Tensor) -> Tensor:
  # x: N x D; order: S x B rows of x; rates: S x L; w: L x K x D and b: L x K are changed in place.
  # Returns the losses before each step, S x L.
  L, K, D = w.shape
  S, B = order.shape
  losses = annotate(List[Tensor], [])
  for s in range(S):
    rows = order[s]
    batch = x.index_select(0, rows)                                       # B x D
    target = labels.index_select(0, rows)[:, None, None].expand(B, L, 1)
    logits = torch.linear(batch, w.view(L * K, D), b.view(-1)).view(B, L, K)
    log_p = torch.log_softmax(logits, -1)
    losses.append(-log_p.gather(2, target).squeeze(-1).mean(0))           # L
    residual = log_p.exp()
    residual.scatter_add_(2, target, -torch.ones_like(logits[:, :, 0:1]))
    residual.div_(B)
    rate = rates[s]
    w_velocity.mul_(momentum)
    w_velocity.add_((residual.view(B, L * K).t() @ batch).view(L, K, D))
    b_velocity.mul_(momentum)
    b_velocity.add_(residual.sum(0))
    w.sub_(w_velocity * rate[:, None, None])
    b.sub_(b_velocity * rate[:, None])
  return torch.stack(losses)

def linear_probe_predictions(self, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  # The most likely class of each row by each classifier, N x L.
  L, K, D = w.shape
  return torch.linear(x, w.view(L * K, D), b.view(-1)).view(x.size(0), L, K).argmax(-1)

def linear_probe_losses(self, x: Tensor, labels: Tensor, w: Tensor, b: Tensor) -> Tensor:
  # The mean log loss of each classifier, L.
  L, K, D = w.shape
  N = x.size(0)
  log_p = torch.log_softmax(torch.linear(x, w.view(L * K, D), b.view(-1)).view(N, L, K), -1)
  return -log_p.gather(2, labels[:, None, None].expand(N, L, 1)).squeeze(-1).mean(0)
