import java.io.FileInputStream;
import java.io.InputStream;
import java.util.*;
import java.util.logging.*;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.*;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.*;
import org.verapdf.pdfa.validation.validators.ValidatorFactory;
import org.w3c.dom.*;

/** veraPDF's engine and its PDF/UA-1 profile on some files: one line for each rule that one of them breaks. */
public class Ua {
    public static void main(String[] files) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        ValidationProfile profile = profile();
        for (String file : files) {
            try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), PDFAFlavour.PDFUA_1)) {
                ValidationResult result = ValidatorFactory.createValidator(profile, false).validate(parser);
                System.out.println(file + "\t" + result.isCompliant() + "\t" + result.getTotalAssertions());
                Map<String, Integer> times = new TreeMap<>();
                Map<String, String> said = new HashMap<>();
                for (TestAssertion each : result.getTestAssertions()) {
                    if (each.getStatus() != TestAssertion.Status.FAILED) continue;
                    String rule = each.getRuleId().getClause() + "-" + each.getRuleId().getTestNumber();
                    times.merge(rule, 1, Integer::sum);
                    said.putIfAbsent(rule, each.getMessage() + " @ " + each.getLocation().getContext());
                }
                times.forEach((rule, count) -> System.out.println("  " + rule + " x" + count + " " + said.get(rule)));
            }
        }
    }

    /** The profile as it lies in the jar. Read by hand: veraPDF reads it with JAXB, which Java no longer brings. */
    static ValidationProfile profile() throws Exception {
        Element root;
        try (InputStream in = Ua.class.getResourceAsStream("/org/verapdf/pdfa/validation/PDFUA-1.xml")) {
            root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in).getDocumentElement();
        }
        Set<Rule> rules = new HashSet<>();
        for (Element rule : all(root, "rule")) {
            Element id = all(rule, "id").get(0);
            List<ErrorArgument> arguments = new ArrayList<>();
            for (Element each : all(rule, "argument")) arguments.add(ErrorArgumentImpl.fromValues(each.getTextContent(), null, null));
            rules.add(Profiles.ruleFromValues(
                Profiles.ruleIdFromValues(PDFAFlavour.Specification.ISO_14289_1, id.getAttribute("clause"),
                    Integer.parseInt(id.getAttribute("testNumber"))),
                rule.getAttribute("object"), rule.hasAttribute("deferred") ? Boolean.valueOf(rule.getAttribute("deferred")) : null,
                rule.getAttribute("tags"), text(rule, "description"), text(rule, "test"),
                Profiles.errorFromValues(text(rule, "message"), arguments), List.of()));
        }
        Set<Variable> variables = new HashSet<>();
        for (Element each : all(root, "variable")) {
            variables.add(Profiles.variableFromValues(each.getAttribute("name"), each.getAttribute("object"),
                text(each, "defaultValue"), text(each, "value")));
        }
        return Profiles.profileFromValues(PDFAFlavour.PDFUA_1,
            Profiles.profileDetailsFromValues("PDF/UA-1", "", "veraPDF Consortium", new Date(0)), "", rules, variables);
    }

    static List<Element> all(Element from, String name) {
        NodeList found = from.getElementsByTagName(name);
        List<Element> out = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) out.add((Element) found.item(i));
        return out;
    }

    static String text(Element from, String name) {
        return all(from, name).get(0).getTextContent();
    }
}
