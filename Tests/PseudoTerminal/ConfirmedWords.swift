extension Array where Element == String {
  /// The command line with `--yes` before it, where the command may ask; the others refuse an option they do not use.
  package var confirmed: [String] {
    let silent = ["approve", "audit", "check", "fidelity", "journal", "lint", "runs", "sign"]
    return contains(where: silent.contains) ? self : ["--yes"] + self
  }
}
