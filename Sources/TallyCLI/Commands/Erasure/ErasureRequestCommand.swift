// tally erasure request: whose keys are to be destroyed, and on what ground.

internal import ArgumentParser
internal import TallyCore
internal import TallyStore
internal import Tallystick

struct ErasureRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask for the erasure of a subject or of a whole tenant.",
        discussion: """
            Examples:
              tally erasure request acme customer:8812 --ground art17-1-b --operator-key a.pem
              tally erasure request acme --whole-tenant --confirm acme --ground contract-ended

            Nothing is destroyed yet: another operator approves, then tally erasure run. The
            subject is named as in its events; --class limits the erasure to retention classes.
            A name that no event has is refused, as it is most likely mistyped.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var signer: OperatorKeyOption

    @Argument(help: "The tenant's name.", completion: .tenant)
    var tenant: String

    @Argument(help: "The subject's name, as in customer:8812.")
    var subject: String?

    @Flag(help: "Erase the tenant with everything in it.")
    var wholeTenant = false

    @Option(help: ArgumentHelp("The tenant's name again, for a whole tenant.", valueName: "name"))
    var confirm: String?

    @Option(
        name: .customLong("class"),
        help: ArgumentHelp("Only this retention class; may be repeated.", valueName: "class")
    )
    var classes: [String] = []

    @Option(help: "The legal ground, a reference of 1 to 64 letters, digits and . _ : / # -")
    var ground: String

    @Flag(help: "Ask although nothing is held under that name, for what may come.")
    var absent = false

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    func validate() throws {
        guard (subject == nil) == wholeTenant else {
            throw ValidationError("name a subject, or give --whole-tenant")
        }
        guard !wholeTenant || classes.isEmpty else {
            throw ValidationError("a whole tenant has no retention classes: leave --class out")
        }
        guard !wholeTenant || confirm.map({ ByteText($0) }) == ByteText(tenant) else {
            throw ValidationError("to erase a whole tenant give its name again: --confirm NAME")
        }
    }

    func run() async throws {
        let key = try signer.key()
        try await ledger.open { ledger in
            let tenant = try await ledger.known(tenant)
            if let subject, !absent {
                try await SubjectAccess(ledger)
                    .requireKnown(subject, classes: classes, in: tenant)
            }
            if dryRun {
                let what = subject.map { "subject \($0)" } ?? "whole tenant"
                return Talk.say("would ask for the erasure of the \(what) in \(tenant.name)")
            }
            let erasures = Erasures(ledger)
            let request = try await request(tenant, key, erasures)
            let clones = try await erasures.clones(request.id).count
            if clones > 0 {
                Talk.say(
                    "it goes to clones of the tenant as well, signed and run together: \(clones)"
                )
            }
            try DecisionView.show(request.id, request.state, output)
            Talk.say("next: tally erasure run \(request.id.hex)")
        }
    }

    private func request(
        _ tenant: Tenant,
        _ key: OperatorKey?,
        _ erasures: Erasures
    ) async throws -> (id: DecisionID, state: DecisionState) {
        guard let subject else {
            return try await erasures.request(tenant: tenant, ground: ground, by: key)
        }
        return try await erasures.request(
            subject: subject,
            of: tenant,
            classes: classes.isEmpty ? nil : classes,
            ground: ground,
            by: key
        )
    }
}
