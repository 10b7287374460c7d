/// A service of the world with the driver behind its live form; the service itself brings the other forms.
package struct ServiceDriver: Sendable {
  /// The name of the service.
  package let name: String
  fileprivate let adding: @Sendable (Services, ServiceSetting) throws(CallFailure) -> Services

  /// `live` is called once, when the site was read.
  package init<S: Service>(
    _ service: S.Type,
    live: @escaping @Sendable (ServiceSetting) throws(CallFailure) -> S.Form
  ) {
    name = S.name
    adding = { services, setting throws(CallFailure) in services.with(service, try live(setting)) }
  }
}

/// What a driver is made from.
package struct ServiceSetting: Sendable {
  /// What domains read of the site.
  package let sections: DataSections
  /// HOME and the variables that opsh reads.
  package let environment: [String: String]

  package init(sections: DataSections, environment: [String: String]) {
    self.sections = sections
    self.environment = environment
  }
}

extension Services {
  /// The services of these drivers; throws `domain.duplicate` for two of one name, and what a driver throws.
  package init(_ drivers: [ServiceDriver], in setting: ServiceSetting) throws(CallFailure) {
    try DomainSet.check("service", drivers.map(\.name))
    var services = Services()
    for driver in drivers { services = try driver.adding(services, setting) }
    self = services
  }
}
