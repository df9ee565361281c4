import json
from tests.integration.harness import act
def test_x(bmc):
    bmc.mark()
    print(bmc.host, bmc.port)
    def go(m, **a):
        bmc.mark()
        r = act(m, {**bmc.options, **a}); print(m, a); print('   ', json.dumps({k:v for k,v in r.items() if k not in('diff',)})); print('   W', bmc.writes(), len(bmc.requests())); print('   ', [str(x)+(f"!{x.code:02x}" if x.code else '') for x in bmc.requests()])
        return r



















    print(bmc.sessions()); print(bmc.ipmitool("lan","print","1")); print(bmc.checkout())
    go("ipmi_power"); 
    print(repr(bmc.sim.log()))
