import Journal
package import PrimitiveKit

extension Plan {
  /// The plan as data for scripts.
  package var value: Value {
    .table([
      "hash": hash.value, "runbook": runbook.name.value, "version": runbook.version.value, "site": site.value,
      "hosts": hosts.value, "exactness": .number(exactness), "seconds": seconds.value, "check": check,
      "notes": ((notes ?? []) + (objection.map { [$0] } ?? [])).value, "steps": steps.map(\.path).value,
      "gates": (gates ?? []).value,
      "unseen": unseen.value, "locks": locks.value,
      "conflicts": conflicts.value,
      "site_arguments": (siteArguments ?? []).value,
      "irreversible": irreversible.map(\.summary).value,
      "inexact": .array(inexact.map { .table(["place": $0.place.value, "what": $0.what.value]) }),
      "operations": .array(
        operations.map { operation in
          .table([
            "kind": operation.kind.value, "host": operation.target.subject.value, "target": "\(operation.target)".value,
            "summary": operation.summary.value, "exact": operation.isExact.value,
            "reversible": operation.isReversible.value, "step": operation.step.value,
          ])
        }
      ),
    ])
  }
}
